import { readFileSync, writeFileSync } from 'node:fs'
import { renderKinds } from './kinds.ts'
import { renderCouncilSchema } from './council.ts'
import { renderOpenapi } from './openapi.ts'
import { renderSettings } from './settings.ts'

/** Writes the files that are made from code; test/house.ts checks that they are up to date. */
writeFileSync('openapi/openapi.json', await renderOpenapi())
writeFileSync('docs/settings.md', renderSettings())
writeFileSync('docs/blocks.md', renderKinds(readFileSync('docs/blocks.md', 'utf8')))
writeFileSync('docs/council-event.schema.json', renderCouncilSchema())
