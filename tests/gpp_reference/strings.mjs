// Writes GPP strings made by the reference codec, one JSON object a line: the string, and what the codec itself
// reads of its US sections. Usage: node strings.mjs SEED COUNT
import { GppModel, Sections } from "@iabgpp/cmpapi";

const US_SECTIONS = Sections.SECTION_ORDER.filter((name) => name.startsWith("us"));
const OTHER_SECTIONS = ["tcfeuv2", "tcfcav1"];
const NOT_ANSWERS = new Set(["Version", "MspaVersion", "GpcSegmentType", "Gpc"]);
const GPC_INCLUDED = "GpcSegmentIncluded";
const SENSITIVE_INCLUDED = "SensitiveDataConsentSegmentIncluded";

const [seed, count] = process.argv.slice(2).map(Number);
let state = seed >>> 0;

// A linear congruential generator: the same strings for the same seed, on every machine.
function below(limit) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}

const oneIn = (odds) => below(odds) === 0;
const pick = (values) => values[below(values.length)];
const segmentsOf = (model, name) => model.sections.get(name).segments;
const holds = (model, name, field) => segmentsOf(model, name).some((segment) => segment.hasField(field));

function fill(model, name) {
  if (OTHER_SECTIONS.includes(name)) {
    model.setFieldValue(name, "CmpId", below(4096));
    for (const field of ["Created", "LastUpdated"]) model.setFieldValue(name, field, new Date(Date.UTC(2026, 0, 1)));
  } else if (name === "uspv1") {
    for (const field of ["Notice", "OptOutSale", "LspaCovered"]) model.setFieldValue(name, field, pick("YN-"));
  } else {
    fillAnswers(model, name);
  }
}

function fillAnswers(model, name) {
  model.setFieldValue(name, "MspaCoveredTransaction", 1); // makes the section
  if (name === "usnat") model.setFieldValue(name, "Version", 1 + below(2));
  if (holds(model, name, GPC_INCLUDED)) {
    model.setFieldValue(name, GPC_INCLUDED, oneIn(2));
    model.setFieldValue(name, "Gpc", oneIn(2));
  }
  if (holds(model, name, SENSITIVE_INCLUDED)) model.setFieldValue(name, SENSITIVE_INCLUDED, oneIn(2));
  // Three is no answer, yet two bits can say it: the codec refuses to set it, and reads it.
  const most = oneIn(3) ? 4 : 3;
  for (const segment of segmentsOf(model, name)) {
    for (const field of segment.getFieldNames()) {
      const held = segment.fields.get(field);
      if (field === "MspaVersion") held.value = below(64);
      if (NOT_ANSWERS.has(field)) continue;
      const answer = () => (field === "MspaCoveredTransaction" ? 1 + below(most - 1) : below(most));
      held.value = Array.isArray(held.value) ? held.value.map(answer) : answer();
    }
    segment.dirty = true;
  }
}

// Releases 3.1.3 to 3.1.5 wrote the fields of version 2 under the number 1, which is the first letter.
function misnumbered(string) {
  return string.replace("~C", "~B");
}

function readBack(string) {
  const model = new GppModel(string);
  const sections = {};
  for (const [name, fields] of Object.entries(model.toObject())) {
    if (!US_SECTIONS.includes(name)) continue;
    const hasGpc = holds(model, name, GPC_INCLUDED) && model.getFieldValue(name, GPC_INCLUDED);
    const gpc = hasGpc ? fields.Gpc : null;
    delete fields.Gpc;
    delete fields.GpcSegmentType;
    if (holds(model, name, SENSITIVE_INCLUDED) && !model.getFieldValue(name, SENSITIVE_INCLUDED)) {
      delete fields.SensitiveDataProcessing; // defaults: the string has none
    }
    sections[name] = { fields, gpc };
  }
  return sections;
}

for (let index = 0; index < count; index += 1) {
  const model = new GppModel();
  const names = new Set([US_SECTIONS[index % US_SECTIONS.length]]);
  if (oneIn(3)) for (let more = below(6); more > 0; more -= 1) names.add(pick(US_SECTIONS));
  if (oneIn(8)) names.add(pick(OTHER_SECTIONS));
  for (const name of names) fill(model, name);
  const encoded = model.encode();
  const string = names.size === 1 && names.has("usnat") && oneIn(4) ? misnumbered(encoded) : encoded;
  console.log(JSON.stringify({ string, sections: readBack(string) }));
}
