import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

// Makes the pages of src/console into dist/console: a page, and assets whose names hold a hash of what is in them.

const home = join(import.meta.dirname, '..')
const source = join(home, 'src', 'console')
const target = join(home, 'dist', 'console')

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })

/** Schemas are for the service: where nothing uses one, typebox is left out. */
const withoutSchemas: Plugin = {
  name: 'without-schemas',
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /^typebox$/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'seen') return undefined
      return { ...await resolve(path, { ...from, pluginData: 'seen' }), sideEffects: false }
    })
  }
}

const { outputFiles } = await build({
  entryPoints: [join(source, 'main.tsx')],
  outdir: join(target, 'assets'),
  entryNames: 'console-[hash]',
  assetNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.svg': 'file' },
  publicPath: '/console/assets',
  legalComments: 'none',
  plugins: [withoutSchemas],
  write: false
})

mkdirSync(join(target, 'assets'), { recursive: true })
for (const { path, contents } of outputFiles) writeFileSync(path, contents)
const named = (end: string): string => `/console/assets/${basename(outputFiles.find(({ path }) => path.endsWith(end))?.path ?? '')}`
const drawing = readFileSync(join(source, 'icon.svg'))
const icon = `icon-${createHash('sha256').update(drawing).digest('hex').slice(0, 8)}.svg`
writeFileSync(join(target, 'assets', icon), drawing)
const page = readFileSync(join(source, 'page.html'), 'utf8')
  .replace('{script}', named('.js'))
  .replace('{style}', named('.css'))
  .replace('{icon}', `/console/assets/${icon}`)
writeFileSync(join(target, 'index.html'), page)
