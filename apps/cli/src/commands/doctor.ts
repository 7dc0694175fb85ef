/** `otedama doctor`: what this machine lets Otedama use, and how to get the rest. */
import { parseArgs } from 'node:util';
import { doctor } from '@otedama/native';
import { renderFindings } from '../doctor/render.ts';

/** https://no-color.org: set and not empty means no colours. */
const isColoured = (): boolean => process.stdout.isTTY && (process.env.NO_COLOR ?? '') === '';

export const doctorCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const findings = await doctor();
  process.stdout.write(
    `${values.json === true ? JSON.stringify({ findings }) : renderFindings(findings, isColoured())}\n`,
  );
};
