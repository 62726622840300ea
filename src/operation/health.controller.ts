import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Problems } from '#libs/problems/problem.dto.js';
import { Public } from '../identity/index.js';
import { NotReady } from './errors.js';
import { Readiness } from './readiness.js';

class HealthResponse {
  @ApiProperty({ enum: ['ok'], enumName: 'HealthStatus' })
  status: 'ok';
}

@ApiTags('Operation')
@Controller('health')
@Public()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'Whether the process runs' })
  @ApiOkResponse({ type: HealthResponse })
  live(): HealthResponse {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Whether the server should get requests',
    description:
      'The database begins a transaction and reads, its tables are as new as the program, the disk has room and the event loop is in time. Looks at most once a second.',
  })
  @ApiOkResponse({ type: HealthResponse })
  @Problems(NotReady.problem)
  async ready(): Promise<HealthResponse> {
    const faults = await this.readiness.faults();
    if (faults.length > 0) throw new NotReady(faults);
    return { status: 'ok' };
  }
}
