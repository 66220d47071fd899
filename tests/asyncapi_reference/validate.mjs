// Reads an AsyncAPI document from standard input and prints what the reference parser says of it, as JSON.
import { AvroSchemaParser } from "@asyncapi/avro-schema-parser";
import { Parser } from "@asyncapi/parser";
import { readFileSync } from "node:fs";

const parser = new Parser();
parser.registerSchemaParser(AvroSchemaParser());
const { document, diagnostics } = await parser.parse(readFileSync(0, "utf8"));

console.log(
  JSON.stringify({
    version: document?.version() ?? null,
    channels: document?.channels().all().map((channel) => channel.address()) ?? [],
    operations: document?.operations().all().length ?? 0,
    diagnostics: diagnostics.map(({ severity, message, path }) => ({ severity, message, path: path.join(".") })),
  }),
);
