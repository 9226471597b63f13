// Which test files have a process of their own. All others share processes, and with them the modules of lib/.

/** They measure times and memory, start the whole program many times, or leave what they set to the whole process. */
export const ownProcessFolders = ['faults', 'flow', 'packaging', 'recorded', 'surface', 'testing']

/** They replace modules, which must not be loaded before. */
export const ownProcessFiles = ['feature/request-scope.test.ts', 'store/embedded.test.ts']
