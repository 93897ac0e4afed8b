import './styles/console.css'
import './styles/steps.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { listenToKeys } from './lib/keys.ts'
import { listen } from './lib/router.ts'
import { start } from './lib/session.ts'

listen()
listenToKeys()
await start()
render(<App />, document.querySelector('#console') as Element)
