import { readFileSync, writeFileSync } from 'node:fs'
import { renderKinds } from './kinds.ts'
import { pipelines } from '../src/pipelines/pipelines.ts'
import { renderOpenapi } from './openapi.ts'
import { renderAsyncapi } from './asyncapi.ts'
import { renderLookupSchemas } from './lookup_schemas.ts'
import { renderPython } from './python_client.ts'
import { renderSettings } from './settings.ts'

/** Writes the files that are made from code; test/house.ts checks that they are up to date. */
writeFileSync('openapi/openapi.json', await renderOpenapi())
for (const [file, content] of renderLookupSchemas()) writeFileSync(file, content)
writeFileSync('openapi/asyncapi.json', await renderAsyncapi())
writeFileSync('clients/python/signalbox.py', await renderPython())
writeFileSync('docs/settings.md', renderSettings())
writeFileSync('docs/blocks.md', renderKinds(readFileSync('docs/blocks.md', 'utf8')))
for (const { documents = {} } of pipelines) {
  for (const [file, render] of Object.entries(documents)) writeFileSync(file, render())
}
