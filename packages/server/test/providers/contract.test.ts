import { describe, expect, test } from 'vitest'
import { modelProviders } from '../../src/adapters/model-provider/index.ts'
import { describeModelProvider } from '../../src/testing/model-provider.suite.ts'
import { vendorWires, type VendorName } from '../../src/testing/vendor-server.ts'

const isVendor = (id: string): id is VendorName => Object.hasOwn(vendorWires, id)

describe('the registry of model providers', () => {
  test('is not empty, and has no id twice', () => {
    expect(modelProviders.length).toBeGreaterThan(0)
    expect(new Set(modelProviders.map(({ id }) => id)).size).toBe(modelProviders.length)
  })

  // A provider that grounds its answers needs no vendor, and has tests of its own.
  test.each(modelProviders.filter(({ capabilities }) => !capabilities.grounding).map(({ id }) => id))('has a server that speaks the wire of %s', (id) => {
    expect(isVendor(id)).toBe(true)
  })
})

for (const descriptor of modelProviders) if (isVendor(descriptor.id)) describeModelProvider(descriptor, descriptor.id)
