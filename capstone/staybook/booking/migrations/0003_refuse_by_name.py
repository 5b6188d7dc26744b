from django.db import migrations

from staybook.booking.operations import RefuseByName


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_no_stay_longer_than_a_year")]
    operations = [RefuseByName()]
