/** One config for the app's build, the dev server and the unit tests. The server's build is in `scripts/build.mjs`. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The simulator's tests take longest: begun last, they would leave all but one core idle in the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.includes('/src/sim/')
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: at('src'),
  publicDir: at('public'),
  base: './', // works under any sub-path
  cacheDir: at('node_modules/.vite'),
  plugins: [svelte({ configFile: at('svelte.config.js') })],
  build: {
    outDir: at('dist/app'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      input: { index: at('src/index.html'), kv: at('src/kv.ts') },
      preserveEntrySignatures: 'strict', // `/kv.js` is a module for embedders: its exports and its name stay
      output: {
        entryFileNames: (chunk) => (chunk.name === 'kv' ? 'kv.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: {
    root: at('.'),
    environment: 'node',
    maxWorkers: '100%', // by default one core is left alone, half of a small machine
    isolate: false, // a worker for each file would take as long as the tests
    restoreMocks: true,
    unstubGlobals: true,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000, // on a busy machine; what waits, waits for events
    expect: { poll: { timeout: 10_000 } },
    include: ['src/**/*.test.ts', 'signaling/**/*.test.ts', 'scripts/**/*.test.ts'],
  },
})
