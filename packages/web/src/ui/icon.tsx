/** Outlines on a grid of 24, drawn with a line of 1.7. */
const outlines = {
  plus: 'M12 5v14M5 12h14',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM20 20l-4.9-4.9',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  close: 'M6 6l12 12M18 6 6 18',
  menu: 'M4 7h16M4 12h16M4 17h10',
  archive: 'M4 4h16v5H4zM5.5 9v11h13V9M10 13h4',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2',
  check: 'M5 12.5 10 17l9-10',
  up: 'M7 20H4v-9h3m0 9v-9l4.5-8c1.6 0 2.5 1.2 2.5 2.7V9H19c1.2 0 2.1 1.1 1.9 2.3l-1.2 7A2 2 0 0 1 17.7 20Z',
  down: 'M17 4h3v9h-3m0-9v9l-4.5 8c-1.6 0-2.5-1.2-2.5-2.7V15H5c-1.2 0-2.1-1.1-1.9-2.3l1.2-7A2 2 0 0 1 6.3 4Z',
  retry: 'M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.5v4h-4',
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z',
  screen: 'M4 5h16v11H4zM9 20h6',
  document: 'M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5',
  key: 'M8 16.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 12.5h9M17.5 12.5v3.5',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14a6.5 6.5 0 0 1 3.5 6',
  group: 'M4 4h7v7H4zM13 13h7v7h-7zM13 7.5h3.5V11M11 16.5H7.5V13',
  gate: 'M5 21V11a7 7 0 0 1 14 0v10M3 21h18M12 4v17M8.5 12v5M15.5 12v5',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0ZM12 17v4',
  exit: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  pencil: 'M4 20l1-4L16.5 4.5l3 3L8 19Z',
  trash: 'M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5',
  chevron: 'M7 10l5 5 5-5',
  warning: 'M12 4 2.5 20h19ZM12 10v4.5M12 17.3v.01',
  download: 'M12 4v11M7 10.5l5 5 5-5M4 20h16',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01',
} as const
export type IconName = keyof typeof outlines

/** A small picture beside or instead of words. It says nothing to a screen reader: the control that holds it is named. */
export function Icon({ name, className = 'size-[1.15em]' }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={name === 'more' ? 2.6 : 1.7} strokeLinecap="round" strokeLinejoin="round" className={`shrink-0 ${className}`} aria-hidden="true">
      <path d={outlines[name]} />
    </svg>
  )
}
