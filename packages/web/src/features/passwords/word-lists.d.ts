/** Single lists of the estimator's packages, which describe only all of them together. */
declare module '@zxcvbn-ts/*.json.mjs' {
  const list: string[]
  export default list
}
declare module '@zxcvbn-ts/language-common/dist/adjacencyGraphs.json.mjs' {
  const graphs: Record<string, Record<string, (string | null)[]>>
  export default graphs
}
declare module '@zxcvbn-ts/language-en/dist/translations.mjs' {
  export { translations as default } from '@zxcvbn-ts/language-en'
}
