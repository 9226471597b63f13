// Which test files have a process of their own. All others share processes, and with them the modules of lib/.

/**
 * They measure times and memory, start the whole program many times, leave what they set to the whole process, or run other makers' SDKs,
 * which go on for a while after they were closed.
 */
export const ownProcessFolders = ['demo', 'faults', 'flow', 'packaging', 'recorded', 'sdks', 'surface', 'testing']

/** They replace modules, which must not be loaded before, run such an SDK, or kill processes around the one that they run in. */
export const ownProcessFiles = [
  'feature/request-scope.test.ts',
  'project-flags/sdk-agreement.test.ts',
  'store/embedded.test.ts',
  'store/embedded-processes.test.ts',
]
