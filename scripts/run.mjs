/** The one way in which these scripts start another program: output goes straight through, failure is an exception. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const onWindows = process.platform === 'win32';

/** Runs a program in the project's root; rejects when it does not end with 0. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: onWindows && program !== process.execPath,
      ...options,
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${[program, ...args].join(' ')}: ended with ${String(code ?? signal)}`));
    });
  });
}

/** Runs the steps of a script: what fails has said why already, so that one line is enough. */
export async function main(steps) {
  try {
    await steps();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
