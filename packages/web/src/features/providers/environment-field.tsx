import { DeploymentEnvironment } from '@sallyport/contract'
import { ChoiceField } from '../../ui/field.tsx'

interface EnvironmentFieldProps { readonly value: DeploymentEnvironment; readonly onChosen: (environment: DeploymentEnvironment) => void; readonly refusal: string | undefined }

/** What a key is for. A server takes those alone that are for what it is for. */
export function EnvironmentField({ value, onChosen, refusal }: EnvironmentFieldProps) {
  return (
    <ChoiceField label="The key is for" hint="A key is used only by servers that are for the same." value={value} onChange={({ target }) => onChosen(DeploymentEnvironment.parse(target.value))} refusal={refusal}>
      {DeploymentEnvironment.options.map((environment) => <option key={environment} value={environment}>{environment}</option>)}
    </ChoiceField>
  )
}
