import type { TestProject } from 'vitest/node'
import { findRedis } from './redis.ts'
import { startServices } from './services.ts'

/** Runs once before all test files: finds or starts what they need, and tells them where it is. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const services = await startServices(process.env)
  project.provide('postgres', services.postgres)
  project.provide('redis', findRedis())
  project.provide('required', services.required)
  return services.stop
}
