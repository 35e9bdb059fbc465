"""OpenNebula's documents as candidates and requests, its default policies, and its scheduler driver.

Nothing here needs lxml until a document is read.
"""

from matchmaker.opennebula.automatic import (
    AutomaticRequirements,
    IncompatibleClusters,
    IncompatibleDatastores,
    UnknownResource,
    automatic_requirements,
)
from matchmaker.opennebula.documents import Document, candidate, read_pool
from matchmaker.opennebula.json_documents import is_pool, read_json
from matchmaker.opennebula.kinds import DATASTORE, HOST, NETWORK, DocumentKind
from matchmaker.opennebula.requests import request
from matchmaker.opennebula.selection import Selection, Selector, select, with_cluster_templates
from matchmaker.opennebula.templates import Template, TemplateError, Vector, read_template, vm_document

__all__ = [
    "DATASTORE",
    "HOST",
    "NETWORK",
    "AutomaticRequirements",
    "Document",
    "DocumentKind",
    "IncompatibleClusters",
    "IncompatibleDatastores",
    "Selection",
    "Selector",
    "Template",
    "TemplateError",
    "UnknownResource",
    "Vector",
    "automatic_requirements",
    "candidate",
    "is_pool",
    "read_json",
    "read_pool",
    "read_template",
    "request",
    "select",
    "vm_document",
    "with_cluster_templates",
]
