import type { Type } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';

/** Whole bodies, by what they do. They succeed as they stand against the demo clinic. */
export function BodyExamples(
  type: Type,
  examples: Readonly<Record<string, object>>,
  required = true,
): MethodDecorator {
  const named = Object.entries(examples).map(([summary, value]) => [summary, { summary, value }]);
  return ApiBody({
    type,
    required,
    examples: Object.fromEntries(named) as Record<string, { value: object }>,
  });
}
