import './styles.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { watchLinks } from './app/link-token.ts'
import { watchReturns } from './app/provider-return.ts'
import { watchHumanChecks } from './features/human-check/human-check.ts'

watchLinks()
watchReturns()
watchHumanChecks()
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element with the id root')
createRoot(root).render(<App nonce={nonce} />)
