"""Invented words of an invented back office: operations, names, keys, comments."""

OPS = (
    "db.query", "cache.get", "cache.put", "queue.publish", "queue.submit", "file.read", "template.render",
    "serialize", "validate", "parse", "search.index", "mail.send", "pricing", "export.csv", "import.row",
    "lock.wait", "report.build", "image.resize", "subtask", "function",
)
ROOT_OPS = ("task", "queue.process", "cron", "cli", "http.server", "websocket.server", "batch", "worker")
NAMES = (
    "load order rows", "render invoice", "resize thumbnail", "publish receipt", "refresh totals",
    "read price list", "collect boxes", "sort shipments", "SELECT * FROM orders WHERE id = %s",
    "write ledger {draft}", "wait for the printer", "pack parcel", "match payments", "index articles",
    "GET /boxes/<id>", "merge customers", "close day", "count stock", "expire carts", "send reminders",
)
ODD_NAMES = ("Größe prüfen", "don't retry", 'say "hello"', "a \\ b", "naïve → café", "名前", "100 % done", "x" * 70)
ROOT_NAMES = (
    "nightly import", "invoice run", "handle order", "POST /orders", "sync.stock", "send_newsletter", "billing.close",
    "consume parcels", "rebuild index", "warm caches", "ship boxes", "/api/orders/{id}", "reports.daily",
)
DATA_KEYS = (
    "rows", "row.count", "batch.size", "cache.hits", "order.id", "attempt", "warehouse", "page", "bytes_read",
    "order.total", "retry", "priority", "source.file", "chunk", "customer.kind", "is_dry_run", "ratio",
)
TAG_KEYS = ("tenant", "region", "phase", "flavour", "channel", "worker_kind", "plan", "stage", "mode")
STRINGS = ("north", "south", "draft", "final", "A4", "b2b", "Zürich", "it's late", "", "a, b", "42", "True", "None")
COMMENTS = (
    "the slow part", "see the runbook", "keep in step with the exporter", "measured in the dashboard",
    "one span per box", "noqa: E501", "why: support asks for it", "start_span() is cheap here",
    "the transaction ends with the block", "type: ignore[attr-defined]", "pragma: no cover",
)
ARGUMENT_COMMENTS = ("shows up in the dashboard", "grouping key", "old name, still used", "ops asked for this")
MODULE_NAMES = ("services", "billing", "reports", "pipeline", "exports", "orders")
WRAPPER_NAMES = ("telemetry", "observe", "instrumentation", "tracking", "monitoring")
FUNCTION_NAMES = (
    "load_rows", "price_boxes", "render_invoice", "sync_stock", "collect_totals", "publish_receipt", "match_payments",
    "expire_carts", "pack_parcel", "read_prices", "close_day", "count_stock", "merge_customers", "sort_shipments",
)
CLASS_NAMES = ("Importer", "Exporter", "Packer", "Ledger", "Printer", "Courier", "Shelf", "Depot", "Invoicer")
EVENT_MESSAGES = ("stock is negative", "price list is stale", "printer is out of paper", "retrying later")
ERRORS = ("ValueError", "KeyError", "RuntimeError", "LookupError", "ZeroDivisionError")
