/** The header of a proxy that saw each request come from a network of its own: so many that no budget of one is used up. */
export function networks(): () => { 'x-forwarded-for': string } {
  let count = 0;
  return () => {
    const [a, b, c] = [count >> 16, count >> 8, count++].map((part) => part & 255);
    return { 'x-forwarded-for': `${11 + (a! % 100)}.${b}.${c}.1` };
  };
}
