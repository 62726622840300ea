import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { ProblemDefinition } from '#libs/kernel/errors.js';
import { describeProblem, type Problem as ProblemDescription } from './catalogue.js';
import { FreeSlotResponse } from './free-slot.dto.js';

export class ProblemField {
  @ApiProperty({
    description: 'JSON pointer into the body (RFC 6901), or the name of a parameter of the address.',
    example: '/date',
  })
  pointer: string;

  @ApiProperty({ example: 'date' })
  code: string;

  @ApiProperty({ example: 'must be a calendar date, YYYY-MM-DD' })
  message: string;
}

/** Every error of this API (RFC 9457). */
export class Problem {
  @ApiProperty({ description: 'Where this problem is explained.', example: '/problems/slot-taken' })
  type: string;

  @ApiProperty()
  title: string;

  @ApiProperty({ type: 'integer', example: 409 })
  status: number;

  @ApiProperty({ description: 'What happened this time, for people.' })
  detail: string;

  @ApiProperty({ description: 'Stable; what a program branches on.', example: 'slot-taken' })
  code: string;

  @ApiProperty({ format: 'uuid', description: 'Name it when you ask for help.' })
  request_id: string;

  @ApiProperty({
    type: [ProblemField],
    required: false,
    description: 'Each place of the input that is at fault.',
  })
  errors?: ProblemField[];

  @ApiProperty({
    type: [FreeSlotResponse],
    required: false,
    description: 'Up to three free slots, nearest first.',
  })
  alternatives?: FreeSlotResponse[];

  @ApiProperty({
    type: [String],
    required: false,
    description: 'What the appointment still allows you to do.',
  })
  allowed_actions?: string[];
}

/** Declares the problems that an operation answers beyond those that every operation of its kind does. */
export function Problems(...definitions: readonly ProblemDefinition[]): MethodDecorator {
  const byStatus = new Map<number, ProblemDescription[]>();
  for (const problem of definitions.map(describeProblem)) {
    byStatus.set(problem.status, [...(byStatus.get(problem.status) ?? []), problem]);
  }
  return applyDecorators(
    ApiExtraModels(Problem),
    ...[...byStatus].map(([status, problems]) => ApiResponse({ status, ...problemResponse(problems) })),
  );
}

export interface ProblemResponse {
  description: string;
  content: Record<string, { schema: { $ref: string }; examples: Record<string, { value: Problem }> }>;
}

/** An OpenAPI response: the codes that one status may carry, each with an example. */
export function problemResponse(problems: readonly ProblemDescription[]): ProblemResponse {
  const examples = problems.map(({ code, status, title }) => {
    const value = {
      type: `/problems/${code}`,
      title,
      status,
      detail: `${title}.`,
      code,
      request_id: REQUEST_ID,
    };
    return [code, { value }] as const;
  });
  return {
    description: problems.map(({ code }) => `\`${code}\``).join(', '),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(Problem) },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

const REQUEST_ID = '01900000-0000-7000-8000-000000000001';
