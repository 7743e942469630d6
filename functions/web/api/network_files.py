"""The API of a version's files: for a device, for Keras, and for TensorFlow.js."""

from __future__ import annotations

import hashlib
import json

from flask import Response, request

from functions import registry
from functions.errors import BrokenArtefact
from functions.learners.layers_model import LayersModel, layers_model
from functions.learners.weights_file import unpack
from functions.records.tables import Version
from functions.registry.artefacts import Kind
from functions.web.api.operations import Operation
from functions.web.api.samples import api
from functions.web.api.version_schemas import LayersModelOut
from functions.web.platform import platform

BYTES = "application/octet-stream"
YEAR, HOUR = 365 * 24 * 3600, 3600  # seconds; what is written at each request may be written otherwise by the next release


@api.get("/versions/<version_id>/artefact")
@Operation("A version's .tflite", BYTES, errors=(404,))
def artefact(version_id: str) -> Response:
    """Send a version's network."""
    version = _version(version_id)
    return _sent(_file(version, "tflite"), version.sha256, f"{version.id}.tflite", immutable=True)


@api.get("/versions/<version_id>/weights")
@Operation("A version's weights for Keras, .npz", BYTES, errors=(404,))
def weights(version_id: str) -> Response:
    """Send a version's weights, in the order of Keras, with its labels and calibration."""
    version = _version(version_id)
    data = _file(version, "npz")
    return _sent(data, version.card["weights_sha256"], f"{version.id}.npz", immutable=True)


@api.get("/versions/<version_id>/tfjs/model.json")
@Operation("A version for TensorFlow.js: the layers; tf.loadLayersModel takes this address", LayersModelOut, errors=(404,))
def tfjs_model(version_id: str) -> Response:
    """Send the layers of a version as TensorFlow.js reads them."""
    version = _version(version_id)
    document = json.dumps(_layers_model(version).document, separators=(",", ":")).encode()
    return _sent(document, _digest(document), "model.json", "application/json")


@api.get("/versions/<version_id>/tfjs/weights.bin")
@Operation("A version for TensorFlow.js: the weights that its model.json names", BYTES, errors=(404,))
def tfjs_weights(version_id: str) -> Response:
    """Send the weights of a version as TensorFlow.js reads them."""
    version = _version(version_id)
    data = _layers_model(version).weights
    return _sent(data, _digest(data), "weights.bin")


def _version(version_id: str) -> Version:
    with platform().database.reading() as session:
        return registry.version(session, version_id)


def _file(version: Version, kind: Kind) -> bytes:
    here = platform()
    return registry.Artefacts(here.store, here.settings.models).read(version, kind)


def _layers_model(version: Version) -> LayersModel:
    try:
        return layers_model(*unpack(_file(version, "npz")))
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenArtefact(f"The npz file of version {version.id} does not hold the weights of its layers.") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sent(data: bytes, etag: str, name: str, mimetype: str = BYTES, *, immutable: bool = False) -> Response:
    response = Response(data, mimetype=mimetype)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.set_etag(etag)
    response.cache_control.max_age = YEAR if immutable else HOUR
    response.cache_control.public = True
    if immutable:
        response.cache_control.immutable = True
    response.make_conditional(request)
    return response
