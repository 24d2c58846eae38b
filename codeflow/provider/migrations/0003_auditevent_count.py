from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('codeflow_provider', '0002_client_profile'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditevent',
            name='count',
            field=models.PositiveIntegerField(default=1, verbose_name='count'),
        ),
    ]
