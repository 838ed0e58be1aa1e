// The contract's schemas, made after zod was told how: whoever needs one of them as a value takes it from here.
import './jitless.ts'

export { HUMAN_CHECK_HEADER, isProblemCode, operations, Problem, problems, turnEvents } from '@sallyport/contract'
