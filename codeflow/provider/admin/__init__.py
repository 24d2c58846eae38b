from django.contrib import admin


class ClientAdmin(admin.ModelAdmin):
    pass


class AuthorizationCodeAdmin(admin.ModelAdmin):
    pass


class AccessTokenAdmin(admin.ModelAdmin):
    pass


class RefreshTokenAdmin(admin.ModelAdmin):
    pass


class IDTokenAdmin(admin.ModelAdmin):
    pass
