/** The pages of docs/ and the README as a site: `npm run site`. On GitHub links to files of the repository lead there. */
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, SITE_BASE: base = '/' } = process.env
const source = repository === undefined ? undefined : `${server}/${repository}/blob/main/`

const page = (name, text) => ({ text, link: `/docs/${name}` })

export default {
  title: 'Signalbox',
  description: 'Turns events into jobs',
  base,
  srcDir: '..',
  srcExclude: ['{examples,test,src,clients,deploy,var,dist,node_modules,lookups,data,openapi}/**', '.github/**'],
  rewrites: { 'README.md': 'index.md' },
  outDir: '../var/site',
  cacheDir: '../node_modules/.cache/vitepress',
  // A link that leads nowhere is a failure of test/house.ts, which knows the whole repository.
  ignoreDeadLinks: true,
  markdown: {
    config: (markdown) => {
      if (source === undefined) return
      markdown.core.ruler.push('links-to-the-repository', ({ tokens }) => {
        for (const link of tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open')) {
          const [, path] = /^\.\.\/(?!docs\/)(.+)$/.exec(link.attrGet('href') ?? '') ?? []
          if (path !== undefined) link.attrSet('href', source + path)
        }
      })
    }
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: 'deep',
    nav: [{ text: 'API', link: '/api.html', target: '_self' }, { text: 'Changes', link: '/CHANGELOG' }],
    sidebar: [
      { text: 'Start', items: [{ text: 'Signalbox', link: '/' }, page('console', 'Console'), page('processes', 'Processes'), page('how-it-works', 'How it works')] },
      {
        text: 'Flow control',
        items: [
          page('gates', 'Gates'), page('filters', 'Filters'), page('cloudevents', 'CloudEvents'), page('schedules', 'Schedules'), page('backfills', 'Backfills'),
          page('redrive', 'Again')
        ]
      },
      {
        text: 'Pipelines',
        items: [
          page('dumps', 'Dumps of genomes'), page('council-data', 'Council data'), page('transcripts', 'Transcripts'), page('search', 'Search'),
          page('consultation-documents', 'Consultation documents')
        ]
      },
      {
        text: 'Operation',
        items: [
          page('deployment', 'Deployment'), page('settings', 'Settings'), page('access', 'Access'), page('security', 'Security'), page('faults', 'Faults'),
          page('observability', 'Traces and metrics'), page('blocks', 'Blocks'), page('store', 'Store'), page('notifications', 'Notices'),
          page('benchmark', 'Benchmark')
        ]
      },
      {
        text: 'Coming from',
        items: [page('from-ensembl', 'Ensembl'), page('from-cdp-backend', 'cdp-backend'), page('from-prefect', 'Prefect')]
      }
    ]
  }
}
