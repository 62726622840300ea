import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, SignedIn, type Actor } from '../../identity/index.js';
import { parseTime } from '../domain/calendar.js';
import { REFUSAL_PROBLEMS } from '../domain/refusals.js';
import { ExplainSlot } from '../use-cases/explain-slot.js';
import { ListFirstFreeSlots } from '../use-cases/list-first-free-slots.js';
import { ListFreeSlots } from '../use-cases/list-free-slots.js';
import {
  ExplainedSlotResponse,
  ExplainSlotQuery,
  FirstFreeSlotsQuery,
  FirstFreeSlotsResponse,
  SlotsQuery,
  SlotsResponse,
} from './slots.dto.js';

const CLARA = '01900000-0000-7000-8000-0000000000d1';
const UNKNOWN_VISIT_TYPE = REFUSAL_PROBLEMS.filter(({ code }) => code === 'unknown-visit-type');

@ApiTags('Slots')
@SignedIn()
@Controller('api')
export class SlotsController {
  constructor(
    private readonly listFreeSlots: ListFreeSlots,
    private readonly listFirstFreeSlots: ListFirstFreeSlots,
    private readonly explainSlot: ExplainSlot,
  ) {}

  @Get('doctors/:id/slots')
  @ApiOperation({
    operationId: 'listFreeSlots',
    summary: 'List the times of a doctor that a patient can book',
  })
  @ApiIdParam(CLARA)
  @ApiOkResponse({ type: SlotsResponse })
  @Problems(NotFound.problem, ...UNKNOWN_VISIT_TYPE)
  async list(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Query() { date_from, date_to, visit_type }: SlotsQuery,
  ): Promise<SlotsResponse> {
    const input = { actor, doctor, from: date_from, to: date_to, visitType: visit_type };
    return SlotsResponse.of(await this.listFreeSlots.execute(input));
  }

  @Get('doctors/:id/slots/explain')
  @ApiOperation({
    operationId: 'explainSlot',
    summary: 'Name every rule that speaks against a time; none where a patient can book it',
  })
  @ApiIdParam(CLARA)
  @ApiOkResponse({ type: ExplainedSlotResponse })
  @Problems(NotFound.problem)
  async explain(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Query() { date, time, visit_type }: ExplainSlotQuery,
  ): Promise<ExplainedSlotResponse> {
    const input = { actor, doctor, date, time: parseTime(time), visitType: visit_type };
    return ExplainedSlotResponse.of(await this.explainSlot.execute(input));
  }

  @Get('slots')
  @ApiOperation({
    operationId: 'listFirstFreeSlots',
    summary: 'List the first times at which a patient can see any doctor of a specialty',
  })
  @ApiOkResponse({ type: FirstFreeSlotsResponse })
  async first(
    @CurrentActor() actor: Actor,
    @Query() { specialty, date_from, date_to, limit }: FirstFreeSlotsQuery,
  ): Promise<FirstFreeSlotsResponse> {
    const input = { actor, specialty, from: date_from, to: date_to, limit };
    return FirstFreeSlotsResponse.of(await this.listFirstFreeSlots.execute(input));
  }
}
