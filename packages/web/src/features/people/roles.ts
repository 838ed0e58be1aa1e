import type { ReplyOf } from '@sallyport/contract'

type Role = ReplyOf<'getSession'>['account']['role']

/** Every role with what it is for, highest first. */
export const roleWords = {
  owner: { name: 'Owner', purpose: 'May do everything, and make owners' },
  administrator: { name: 'Administrator', purpose: 'Manages people, providers and backups' },
  operator: { name: 'Operator', purpose: 'Runs the server: providers and documents' },
  auditor: { name: 'Auditor', purpose: 'Reads the audit log, and no conversations' },
  member: { name: 'Member', purpose: 'Chats, adds documents, makes keys' },
  guest: { name: 'Guest', purpose: 'Chats, and nothing more' },
} as const satisfies Record<Role, { readonly name: string; readonly purpose: string }>

const order = Object.keys(roleWords) as readonly Role[]

/** The roles that somebody of this role may give: their own and lower ones. Owners are made by owners alone. */
export const givableRoles = (mine: Role): readonly Role[] => order.slice(order.indexOf(mine))
