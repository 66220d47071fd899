// An OpenID provider at a port of its own: `node provider.mjs REDIRECT_URI`.
//
// It prints {"issuer": ...} once it answers, and for each line "rotate" on its standard input signs with a new
// key from then on and prints {"kid": ...}. It ends with its standard input.

import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const [redirectUri] = process.argv.slice(2);
// Whom the token is for, by the resource that was asked for.
const AUDIENCES = { "urn:disclosure-ledger": "disclosure-ledger", "urn:other": "other-service" };
const ROLES_OF_CLIENTS = { machine: ["emitter"] };
const ROLES_OF_ACCOUNTS = { ann: ["analyst", "unknown-here"], bob: [] };
// Every kind of character that a form encodes.
const SECRET = "s:e+c%r e/t=&";

const server = createServer((request, response) => answer(request, response));
let answer;

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

function provider(issuer, key) {
  return new Provider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    clients: [
      {
        client_id: "machine",
        client_secret: SECRET,
        grant_types: ["client_credentials"],
        response_types: [],
        redirect_uris: [],
      },
      {
        client_id: "console",
        client_secret: SECRET,
        grant_types: ["authorization_code"],
        response_types: ["code"],
        redirect_uris: [redirectUri],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: "",
          audience: AUDIENCES[resource],
          accessTokenFormat: "jwt",
          accessTokenTTL: 300,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    pkce: { required: () => true },
    scopes: ["openid"],
    claims: { openid: ["sub", "roles"] },
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, roles: ROLES_OF_ACCOUNTS[id] ?? [] }),
    }),
    extraTokenClaims: (_ctx, token) => ({ roles: ROLES_OF_CLIENTS[token.clientId] ?? [] }),
  });
}

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  answer = provider(issuer, signingKey()).callback();
  console.log(JSON.stringify({ issuer }));
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    if (line !== "rotate") return;
    const key = signingKey();
    answer = provider(issuer, key).callback();
    console.log(JSON.stringify({ kid: key.kid }));
  });
  lines.on("close", () => process.exit(0));
});
