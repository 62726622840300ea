import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { SignedIn } from '../../identity/index.js';
import { DoctorDirectory } from '../ports.js';
import { DoctorResponse, DoctorsQuery, DoctorsResponse } from './doctors.dto.js';

@ApiTags('Doctors')
@SignedIn()
@Controller('api/doctors')
export class DoctorsController {
  constructor(private readonly directory: DoctorDirectory) {}

  @Get()
  @ApiOperation({ operationId: 'listDoctors', summary: 'Find doctors by specialty or a part of their card' })
  @ApiOkResponse({ type: DoctorsResponse })
  async list(@Query() query: DoctorsQuery): Promise<DoctorsResponse> {
    return DoctorsResponse.of(await this.directory.list(query));
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getDoctor', summary: "Read a doctor's card" })
  @ApiIdParam('01900000-0000-7000-8000-0000000000d1')
  @ApiOkResponse({ type: DoctorResponse })
  @Problems(NotFound.problem)
  async read(@Param('id', IdPath) id: string): Promise<DoctorResponse> {
    const doctor = await this.directory.find(id);
    if (doctor === undefined) throw new NotFound('doctor');
    return DoctorResponse.of(doctor);
  }
}
