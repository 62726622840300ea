import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, SignedIn, type Actor } from '../../identity/index.js';
import { REFUSAL_PROBLEMS } from '../domain/refusals.js';
import { ListFreeSlots } from '../use-cases/list-free-slots.js';
import { SlotsQuery, SlotsResponse } from './slots.dto.js';

const UNKNOWN_VISIT_TYPE = REFUSAL_PROBLEMS.filter(({ code }) => code === 'unknown-visit-type');

@ApiTags('Slots')
@Controller('api/doctors')
export class SlotsController {
  constructor(private readonly listFreeSlots: ListFreeSlots) {}

  @Get(':id/slots')
  @SignedIn()
  @ApiOperation({ operationId: 'listFreeSlots', summary: 'List the times of a doctor that you can book' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000d1')
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
}
