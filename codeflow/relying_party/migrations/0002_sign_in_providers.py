from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("codeflow_relying_party", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignInProvider",
            fields=[],
            options={
                "verbose_name": "sign-in provider",
                "verbose_name_plural": "sign-in providers",
                "proxy": True,
                "default_permissions": ("view",),
                "indexes": [],
                "constraints": [],
            },
            bases=("codeflow_relying_party.identity",),
        ),
    ]
