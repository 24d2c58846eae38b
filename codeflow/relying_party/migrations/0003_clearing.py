from django.db import migrations, models


class Migration(migrations.Migration):
    """Clearing finds what is over by an index."""

    dependencies = [
        ("codeflow_relying_party", "0002_sign_in_providers"),
    ]

    operations = [
        migrations.AddIndex("rpsession", models.Index(fields=["created"], name="codeflow_sign_in_created")),
        migrations.AddIndex("tokengrant", models.Index(fields=["updated"], name="codeflow_grant_updated")),
    ]
