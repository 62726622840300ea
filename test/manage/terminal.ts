import { run } from '../../src/manage/run.js';

export interface Told {
  /** 0 done, 1 not done, 2 not understood. */
  code: number;
  said: string;
  complaint: string;
}

/** An operator's command, and what it printed. */
export async function manage(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  password = '',
): Promise<Told> {
  const said: string[] = [];
  const complaints: string[] = [];
  const code = await run(args, environment, {
    say: (line) => said.push(line),
    complain: (line) => complaints.push(line),
    password: async () => password,
  });
  return { code, said: said.join('\n'), complaint: complaints.join('\n') };
}
