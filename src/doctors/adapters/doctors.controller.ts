import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, SignedIn, type Actor } from '../../identity/index.js';
import { DoctorDirectory } from '../ports.js';
import { DoctorResponse, DoctorsQuery, DoctorsResponse } from './doctors.dto.js';

@ApiTags('Doctors')
@SignedIn()
@Controller('api/doctors')
export class DoctorsController {
  constructor(private readonly directory: DoctorDirectory) {}

  @Get()
  @ApiOperation({
    operationId: 'listDoctors',
    summary:
      'Find doctors by specialty or a part of their card; as an admin, also those whom patients cannot find',
  })
  @ApiOkResponse({ type: DoctorsResponse })
  async list(
    @CurrentActor() { role }: Actor,
    @Query() { specialty, q, limit, cursor }: DoctorsQuery,
  ): Promise<DoctorsResponse> {
    const everyone = role === 'admin';
    return DoctorsResponse.of(
      await this.directory.list({ specialty, q, limit, cursor, everyone }),
      DoctorResponse.of,
    );
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getDoctor', summary: "Read a doctor's card" })
  @ApiIdParam('01900000-0000-7000-8000-0000000000d1')
  @ApiOkResponse({ type: DoctorResponse })
  @Problems(NotFound.problem)
  async read(@CurrentActor() { role }: Actor, @Param('id', IdPath) id: string): Promise<DoctorResponse> {
    const doctor =
      role === 'admin' ? (await this.directory.findMany([id]))[0] : await this.directory.find(id);
    if (doctor === undefined) throw new NotFound('doctor');
    return DoctorResponse.of(doctor);
  }
}
