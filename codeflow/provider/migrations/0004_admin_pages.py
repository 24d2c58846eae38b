from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('codeflow_provider', '0003_auditevent_count'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='auditevent',
            options={'default_permissions': (), 'permissions': (('view_audit', 'Can view and export the audit trail'),), 'verbose_name': 'audit event', 'verbose_name_plural': 'audit events'},
        ),
        migrations.AlterModelOptions(
            name='signingkey',
            options={'permissions': (('manage_keys', 'Can make, promote, retire and withdraw signing keys'),), 'verbose_name': 'signing key', 'verbose_name_plural': 'signing keys'},
        ),
        migrations.AddField(
            model_name='consent',
            name='asked_scope',
            field=models.TextField(blank=True, default='', verbose_name='asked for'),
        ),
        migrations.AddField(
            model_name='consent',
            name='text',
            field=models.JSONField(blank=True, default=dict, verbose_name='what the page said'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['event', 'id'], name='codeflow_audit_event'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['outcome', 'id'], name='codeflow_audit_outcome'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['client_id', 'id'], name='codeflow_audit_client'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['user_pk', 'id'], name='codeflow_audit_user'),
        ),
    ]
