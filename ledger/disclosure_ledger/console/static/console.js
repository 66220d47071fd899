// What pages gain with scripts: parts that renew themselves, and buttons that say they are at work.
// Every page can be read and every form sent without it.

const SLOWEST_MS = 30_000;

// A page left alone must not keep its session alive: then it ends by time, as it should.
const LONGEST_MS = 10 * 60_000;

function renewed(part) {
  const everyMs = Number(part.dataset.every);
  const begunAt = Date.now();
  let waitMs = everyMs;
  let shown = "";

  async function look() {
    if (document.hidden) {
      return later();
    }
    if (Date.now() - begunAt > LONGEST_MS) {
      part.dataset.state = "failed";
      return tell("No longer renewed. Reload the page.");
    }
    try {
      const answer = await fetch(part.dataset.live, { headers: { "X-Fragment": "1" } });
      if (answer.redirected || answer.status === 401 || answer.status === 404) {
        part.dataset.state = "failed";
        return tell("No longer renewed. Reload the page.");
      }
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const text = await answer.text();
      if (text !== shown) {
        show(text);
        shown = text;
      }
      waitMs = everyMs;
      part.dataset.state = "live";
    } catch {
      waitMs = Math.min(waitMs * 2, SLOWEST_MS);
      part.dataset.state = "failed";
      tell(`No answer. Tried again in ${Math.round(waitMs / 1000)} s.`);
    }
    later();
  }

  // A part in which somebody is at work stays as it is; open details stay open.
  function show(text) {
    if (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) {
      return;
    }
    const open = [...part.querySelectorAll("details")].map((each) => each.open);
    const focused = [...part.querySelectorAll("a, summary, [tabindex]")].indexOf(document.activeElement);
    part.innerHTML = text;
    part.querySelectorAll("details").forEach((each, index) => {
      each.open = open[index] ?? each.open;
    });
    if (focused >= 0) {
      part.querySelectorAll("a, summary, [tabindex]")[focused]?.focus({ preventScroll: true });
    }
  }

  function tell(text) {
    const state = part.querySelector(".live-state");
    if (state) {
      state.textContent = text;
    }
  }

  function later() {
    setTimeout(look, waitMs);
  }

  later();
}

document.querySelectorAll("[data-live]").forEach(renewed);

// A form that takes its time says so, and is not sent twice.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.target.dataset.stays !== undefined) {
    return;
  }
  if (button.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  button.setAttribute("aria-busy", "true");
  if (button.dataset.busy) {
    button.dataset.label = button.textContent;
    button.textContent = button.dataset.busy;
  }
});

// Coming back with the browser's own button shows the page as it was, so the buttons must rest again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll('button[aria-busy="true"]').forEach((button) => {
    button.removeAttribute("aria-busy");
    if (button.dataset.label) {
      button.textContent = button.dataset.label;
    }
  });
});
