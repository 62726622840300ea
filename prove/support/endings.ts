const endings = new Set<() => void>();

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Done when this process ends, by whatever but SIGKILL; what is answered does it at once. */
export function atEnd(ending: () => void): () => void {
  if (endings.size === 0) listen();
  endings.add(ending);
  return () => {
    if (endings.delete(ending)) ending();
  };
}

let listens = false;

function listen(): void {
  if (listens) return;
  listens = true;
  for (const [signal, number] of Object.entries(SIGNALS))
    process.on(signal, () => process.exit(128 + number));
  process.on('exit', () => {
    for (const ending of [...endings].toReversed()) ending();
  });
}
