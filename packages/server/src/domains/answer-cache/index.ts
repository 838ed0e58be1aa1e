export { createAnswerCache, type AnswerCache, type AnswerPlace, type KeptAnswer } from './service.ts'
