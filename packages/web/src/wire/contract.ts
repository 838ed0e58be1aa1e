// The contract's schemas, made after zod was told how: whoever needs one of them as a value takes it from here.
import './jitless.ts'

export { operations, Problem, turnEvents } from '@sallyport/contract'
