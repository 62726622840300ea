import { ApiProperty } from '@nestjs/swagger';
import { wordsOf, type Refusal, type ToldRules } from '../domain/refusals.js';

export class RefusalResponse {
  @ApiProperty({ description: 'The code of the problem that booking would answer.', example: 'slot-taken' })
  code: string;

  @ApiProperty({ example: 'The time is taken' })
  title: string;

  @ApiProperty()
  detail: string;

  static of(code: Refusal, rules: ToldRules): RefusalResponse {
    return { code, ...wordsOf(code, rules) };
  }
}
