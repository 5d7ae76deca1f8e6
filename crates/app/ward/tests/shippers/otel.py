"""Sends numbered log records with OpenTelemetry's SDK: otel.py http|grpc URL TOKEN COUNT."""
import logging
import sys

from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

protocol, url, token, count = sys.argv[1:]
headers = {"authorization": f"Bearer {token}"}
if protocol == "http":
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

    exporter = OTLPLogExporter(
        endpoint=f"{url}/v1/logs", headers=headers, compression=Compression.Gzip
    )
else:
    import grpc
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter

    exporter = OTLPLogExporter(
        endpoint=url, headers=headers, insecure=True, compression=grpc.Compression.Gzip
    )
provider = LoggerProvider(
    resource=Resource.create({"host.name": "pc1", "os.type": "linux", "service.name": "sshd"})
)
provider.add_log_record_processor(
    BatchLogRecordProcessor(exporter, max_export_batch_size=256, schedule_delay_millis=100)
)
logger = logging.getLogger("example")
logger.setLevel(logging.INFO)
logger.addHandler(LoggingHandler(logger_provider=provider))
for number in range(int(count)):
    logger.info("Failed password for example", extra={"number": number})
assert provider.force_flush(60_000) is not False
provider.shutdown()
