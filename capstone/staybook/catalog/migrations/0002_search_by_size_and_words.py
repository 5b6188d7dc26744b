from django.db import migrations, models

import staybook.catalog.operations


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="property",
            index=models.Index(condition=models.Q(("is_listed", True)), fields=["sleeps"], name="property_sleeps"),
        ),
        staybook.catalog.operations.IndexText(),  # was partial, and misled the planner
    ]
