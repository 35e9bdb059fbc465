"""OpenNebula's documents as candidates, and its default policies.

Nothing here needs lxml until a document is read.
"""

from matchmaker.opennebula.documents import Document, candidate, read_pool
from matchmaker.opennebula.json_documents import is_pool, read_json
from matchmaker.opennebula.kinds import DATASTORE, HOST, NETWORK, DocumentKind

__all__ = ["DATASTORE", "HOST", "NETWORK", "Document", "DocumentKind", "candidate", "is_pool", "read_json", "read_pool"]
