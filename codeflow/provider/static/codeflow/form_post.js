document.getElementById("codeflow-form-post").submit();
