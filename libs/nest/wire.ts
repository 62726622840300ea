import type { FactoryProvider } from '@nestjs/common';

/** A class, abstract or not, that names a dependency and is its type. */
export type Token<T> = abstract new (...args: any[]) => T;
type Tokens<Args extends unknown[]> = { [Index in keyof Args]: Token<Args[Index]> };

/** Makes a Nest provider of a plain class. The tokens stand in the order of its constructor; a wrong one does not compile. */
export function wire<T, Args extends unknown[]>(
  plain: new (...args: Args) => T,
  ...tokens: Tokens<Args>
): FactoryProvider<T> {
  return bind(plain, plain, ...tokens);
}

/** Says which adapter serves a port, and what the adapter itself needs. */
export function bind<T, Args extends unknown[]>(
  port: Token<T>,
  adapter: new (...args: Args) => T,
  ...tokens: Tokens<Args>
): FactoryProvider<T> {
  return {
    provide: port,
    inject: tokens as Token<unknown>[],
    useFactory: (...args: unknown[]) => new adapter(...(args as Args)),
  };
}
