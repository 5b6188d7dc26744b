import datetime

from django.db import migrations, models

from staybook.booking.operations import KeepForbidding


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0001_initial"),
    ]

    operations = [
        KeepForbidding(),
        migrations.RemoveIndex(model_name="booking", name="booking_property_check_in"),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                fields=["property", "check_in", "check_out"],
                include=("status", "hold_expires_at"),
                name="booking_property_check_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(("check_out__lte", models.F("check_in") + datetime.timedelta(days=365))),
                name="booking_not_too_long",
            ),
        ),
        KeepForbidding(),
    ]
