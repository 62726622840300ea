import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, Roles, SignedIn, type Actor } from '../../identity/index.js';
import { ListPatients } from '../use-cases/list-patients.js';
import { ReadPatientCard } from '../use-cases/read-patient-card.js';
import { PatientResponse, PatientCardResponse, PatientsQuery, PatientsResponse } from './patients.dto.js';

@ApiTags('Patients')
@Controller('api/patients')
export class PatientsController {
  constructor(
    private readonly listPatients: ListPatients,
    private readonly readPatientCard: ReadPatientCard,
  ) {}

  @Get()
  @Roles('doctor', 'admin')
  @ApiOperation({
    operationId: 'listPatients',
    summary: 'Find the patients whom you treat; as an admin, all',
  })
  @ApiOkResponse({ type: PatientsResponse })
  async list(@CurrentActor() actor: Actor, @Query() query: PatientsQuery): Promise<PatientsResponse> {
    return PatientsResponse.of(await this.listPatients.execute({ actor, query }), PatientResponse.of);
  }

  @Get(':id')
  @SignedIn()
  @ApiOperation({
    operationId: 'getPatient',
    summary: "Read a patient's card",
    description:
      'For the patient themself and the doctors who treat them; for an admin without the medical fields.',
  })
  @ApiIdParam('01900000-0000-7000-8000-0000000000c1')
  @ApiOkResponse({ type: PatientCardResponse })
  @Problems(NotFound.problem)
  async read(@CurrentActor() actor: Actor, @Param('id', IdPath) id: string): Promise<PatientCardResponse> {
    return PatientCardResponse.of(await this.readPatientCard.execute({ actor, patientId: id }));
  }
}
