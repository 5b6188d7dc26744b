"""Photos of a property, over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts.models import User
from staybook.api.permissions import IsHost
from staybook.api.v1.serializers.properties import PhotoOrderSerializer, PhotoSerializer, PhotoUploadSerializer
from staybook.catalog import photos, queries
from staybook.common.errors import Invalid


class PhotosView(APIView):
    """All of a property's."""

    permission_classes = (IsHost,)
    parser_classes = (MultiPartParser, JSONParser)

    @extend_schema(
        operation_id="photos_add",
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={201: PhotoSerializer},
    )
    def post(self, request: Request, property_id: UUID) -> Response:
        """Add a picture behind the others; the host's own property only."""
        form = PhotoUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        upload = form.validated_data["image"]
        if upload.size > photos.MOST_BYTES:  # before it is read
            raise Invalid("Some fields are not right.", fields={"image": f"At most {photos.MOST_BYTES >> 20} MiB."})
        photo = photos.add_photo(
            actor=_user(request),
            property_id=property_id,
            content=upload.read(),
            caption=form.validated_data["caption"],
        )
        return Response(queries.photo_of((photo.pk, str(photo.image.name), photo.caption)), status=201)

    @extend_schema(operation_id="photos_order", request=PhotoOrderSerializer, responses={204: None})
    def put(self, request: Request, property_id: UUID) -> Response:
        """Show the pictures in this order."""
        form = PhotoOrderSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        photos.order_photos(actor=_user(request), property_id=property_id, photo_ids=form.validated_data["photos"])
        return Response(status=204)


class PhotoView(APIView):
    """One."""

    permission_classes = (IsHost,)

    @extend_schema(operation_id="photos_remove", responses={204: None})
    def delete(self, request: Request, property_id: UUID, photo_id: int) -> Response:
        """Take a picture away."""
        photos.remove_photo(actor=_user(request), property_id=property_id, photo_id=photo_id)
        return Response(status=204)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns = [
    path("properties/<uuid:property_id>/photos", PhotosView.as_view(), name="properties-photos"),
    path("properties/<uuid:property_id>/photos/<int:photo_id>", PhotoView.as_view(), name="properties-photo"),
]
