import type { Role } from '@sallyport/contract'
import { ChoiceField } from '../../ui/field.tsx'
import { roleWords } from './roles.ts'

interface RoleFieldProps<Given extends Role> { readonly role: Given; readonly roles: readonly Given[]; readonly onRole: (role: Given) => void }

/** A choice among roles, with what the chosen one is for. */
export const RoleField = <Given extends Role>({ role, roles, onRole }: RoleFieldProps<Given>) => (
  <ChoiceField label="Role" value={role} hint={`${roleWords[role].purpose}.`} onChange={({ target }) => onRole(roles.find((one) => one === target.value) ?? role)}>
    {roles.map((one) => <option key={one} value={one}>{roleWords[one].name}</option>)}
  </ChoiceField>
)
