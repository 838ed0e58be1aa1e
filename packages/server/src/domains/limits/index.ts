export { limitRoutes } from './routes.ts'
export { createKeptLimiter } from './kept-limiter.ts'
export { createStoreLimiter } from './store-limiter.ts'
